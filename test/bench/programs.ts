// Programs beyond Node that a bench would like to have.

import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

export function isInstalled(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
