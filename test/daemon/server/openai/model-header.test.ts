import type { FastifyReply } from 'fastify'
import { expect, it } from 'vitest'
import { setModel } from '../../../../daemon/server/openai/model-header.ts'

it.each([
  ['openai/gpt-5.1', 'openai/gpt-5.1'],
  ['ollama/qwen3:8b', 'ollama/qwen3:8b'],
  ['chat/мodel', 'chat/%D0%BCodel'],
  ['chat/naïve 50%', 'chat/na%C3%AFve%2050%25'],
  ['chat/a\r\nb', 'chat/a%0D%0Ab'],
  ['chat/\u{1f600}\ud800', 'chat/%F0%9F%98%80%EF%BF%BD'],
])('setModel() writes %j as %s', (model, header) => {
  const headers: string[] = []
  const reply = { header: (name: string, value: string) => headers.push(`${name}: ${value}`) }
  setModel(reply as unknown as FastifyReply, model)
  expect(headers).toEqual([`x-natter-model: ${header}`])
})
