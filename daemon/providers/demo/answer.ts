// What the built-in demo says: a Markdown answer about what it received and how to reach a real model.

import { type ProviderRequest, textOfMessage } from '../provider.ts'

const PROMPT_MAX = 300
const SYSTEM_MAX = 160

/** Names no feeling and claims no knowledge: there is no AI behind it, and it says so first. */
export function demoAnswer(request: ProviderRequest): string {
  const prompt = lastText(request)
  const { length } = [...prompt]
  const earlier = request.messages.length - 1
  const rows = [
    `- model: \`${request.model}\``,
    `- system prompt: ${request.system === null || request.system === '' ? 'none' : `“${shorten(request.system, SYSTEM_MAX)}”`}`,
    `- earlier messages in this conversation: ${Math.max(0, earlier)}`,
    `- prompt, ${length} ${length === 1 ? 'character' : 'characters'}:`,
  ]
  // A paragraph is one line: line breaks of an answer are shown as they are.
  return `# This is the natter demo

**No AI is behind this answer.** It is built in, works without a network, and shows that natter is set up: what you read was streamed in small pieces by the daemon, and it is in your history now.

## What it received

${rows.join('\n')}

${quote(shorten(prompt, PROMPT_MAX))}

## Connect a real model

\`\`\`sh
natter keys set openai       # or anthropic, gemini, openrouter, groq
export OPENAI_API_KEY=sk-…   # or only for this shell
ollama serve                 # or a model on this machine
\`\`\`

Then ask again. \`natter models\` lists what you can choose from.
`
}

function lastText({ messages }: ProviderRequest): string {
  const last = messages.at(-1)
  return last === undefined ? '' : textOfMessage(last)
}

/** As many numbered words as somebody who measures asks for. */
export function demoWords(count: number): string {
  return Array.from({ length: count }, (_, index) => `word${index + 1}`).join(' ')
}

/** Pieces of about one word each, white space at their ends, as tokens come. */
export function toPieces(text: string): readonly string[] {
  return text.match(/\s*\S+(?:\s+$)?/g) ?? []
}

function shorten(text: string, max: number): string {
  const characters = [...text.trim()]
  return characters.length <= max ? characters.join('') : `${characters.slice(0, max).join('')} …`
}

/** As a Markdown quotation, so that Markdown in the prompt stays inside. */
function quote(text: string): string {
  return text === '' ? '> (empty)' : text.replace(/^/gm, '> ')
}
