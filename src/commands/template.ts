// Templates: a Markdown file in the settings folder that a prompt is put into.

import { readdirSync, readFileSync } from 'node:fs'
import { NatterError } from '../protocol/errors.ts'
import type { Paths } from '../protocol/paths.ts'
import type { RequestOf } from '../protocol/schema/operations.ts'

type StartRequest = RequestOf<'turns.start'>

const PLACE = '{{input}}'
/** A head between lines of three dashes, `key: value` each; a `#` begins a remark. */
const HEAD = /^---\r?\n([\s\S]*?)\r?\n---(?:\r?\n|$)/
const FIELDS: ReadonlySet<string> = new Set(['model', 'system'])

export interface Template {
  readonly model: string | null
  readonly system: string | null
  readonly text: string
}

/** The request with the template's text around its prompt; what the command line says wins over the template's head. */
export function applyTemplate(request: StartRequest, name: string, paths: Paths): StartRequest {
  const template = readTemplate(name, paths)
  if (request.prompt.trim() === '' && template.text.includes(PLACE)) throw noInput(name, paths)
  if (template.model !== null && !/[\p{L}\p{N}]/u.test(template.model)) throw noModel(name, template.model, paths)
  const prompt = fill(template.text, request.prompt)
  if (prompt.trim() === '') {
    throw new NatterError('usage', `Cannot ask with template "${name}": there is no prompt`, {
      hint: `Give a prompt, or put text into ${templateFolder(paths)}/${name}.md`,
    })
  }
  return {
    ...(template.model === null ? {} : { model: template.model }),
    ...(template.system === null ? {} : { system: template.system }),
    ...request,
    prompt,
  }
}

function noInput(name: string, paths: Paths): NatterError {
  return new NatterError(
    'usage',
    `Cannot ask with template "${name}": it has a place for a prompt, and there is none`,
    {
      hint: `Give a prompt or pipe text in, or take ${PLACE} out of "${templateFolder(paths)}/${name}.md"`,
    },
  )
}

function noModel(name: string, model: string, paths: Paths): NatterError {
  return new NatterError('usage', `Cannot use template "${name}": its head says "model: ${model}", which names none`, {
    hint: `Write "model: provider/model" into "${templateFolder(paths)}/${name}.md", or take that line away`,
  })
}

/** `{{input}}` is where the prompt goes; without one it follows after a blank line. */
export function fill(text: string, prompt: string): string {
  if (text.includes(PLACE)) return text.replaceAll(PLACE, () => prompt)
  if (prompt === '' || text.trim() === '') return text.trim() === '' ? prompt : text
  return `${text.replace(/\n+$/, '')}\n\n${prompt}`
}

function parseTemplate(name: string, source: string): Template {
  const head = HEAD.exec(source)
  const fields = new Map<string, string>()
  for (const [index, line] of (head?.[1] ?? '').split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const [, key = '', value = ''] = /^(\w+):\s*(.*?)\s*$/.exec(line) ?? []
    // The dashes are line 1.
    if (!FIELDS.has(key)) throw badHead(name, index + 2, line)
    fields.set(key, value)
  }
  return {
    model: fields.get('model') ?? null,
    system: fields.get('system') ?? null,
    text: head === null ? source : source.slice(head[0].length),
  }
}

function badHead(name: string, line: number, text: string): NatterError {
  return new NatterError('usage', `Cannot use template "${name}": line ${line} of its head is "${text}"`, {
    hint: 'Each line there is "model: NAME" or "system: TEXT"',
  })
}

function readTemplate(name: string, paths: Paths): Template {
  if (/[/\\]/.test(name)) {
    throw new NatterError('usage', `Cannot use template "${name}": it must be a name, not a path`, {
      hint: `Templates are the files in "${templateFolder(paths)}"; "natter templates" lists them`,
    })
  }
  try {
    return parseTemplate(name, readFileSync(`${templateFolder(paths)}/${name}.md`, 'utf8'))
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
  }
  const names = listTemplates(paths)
  throw new NatterError('usage', `Cannot use template "${name}": there is no "${templateFolder(paths)}/${name}.md"`, {
    hint:
      names.length === 0
        ? 'Write that file; {{input}} in it is where the prompt goes'
        : `There are: ${names.join(', ')}`,
  })
}

export function listTemplates(paths: Paths): readonly string[] {
  try {
    return readdirSync(templateFolder(paths))
      .filter((file) => file.endsWith('.md'))
      .map((file) => file.slice(0, -'.md'.length))
  } catch {
    // No such folder: no templates.
    return []
  }
}

function templateFolder(paths: Paths): string {
  return `${paths.config}/templates`
}
