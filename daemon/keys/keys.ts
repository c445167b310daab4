// Keys of providers: the system's keychain where there is one, else a 0600 file; never in logs, errors or events.

export type KeySource = 'environment' | 'keychain' | 'file' | 'config'

export interface FoundKey {
  readonly key: string
  readonly source: KeySource
  /** The last four characters, or the name of the variable or command it came from. */
  readonly detail: string
}

export interface KeyStore {
  readonly storage: 'keychain' | 'file'
  /** Of the file, also where the keychain is used and it does not exist; null never. */
  readonly path: string
  get(provider: string): Promise<FoundKey | null>
  set(provider: string, key: string): Promise<void>
  remove(provider: string): Promise<boolean>
  list(): Promise<readonly { readonly provider: string; readonly source: KeySource; readonly detail: string }[]>
}
