import { expect, it } from 'vitest'
import { type Routing, type RoutingFacts, route } from '../../../daemon/turn/routing.ts'

const ROUTING: Routing = { cheap: 'a/small', strong: 'a/large' }
const FACTS: RoutingFacts = { prompt: 'Hello', attachments: 0, budgetLeft: null }

it.each<[string, Partial<RoutingFacts>, string, string]>([
  ['a short prompt', {}, 'a/small', 'no rule asks for the strong one'],
  ['a long prompt', { prompt: 'x'.repeat(4_001) }, 'a/large', 'the prompt is longer than 4000 characters'],
  ['a word', { prompt: 'Please Refactor this.' }, 'a/large', 'the prompt says "refactor"'],
  ['a part of a word', { prompt: 'an improved approach' }, 'a/small', 'no rule asks for the strong one'],
  ['an attachment', { attachments: 1 }, 'a/large', 'there are attachments'],
  ['an empty purse', { prompt: 'refactor', budgetLeft: 0.05 }, 'a/small', '5 % of the monthly budget is left'],
  ['a spent purse', { budgetLeft: -0.2 }, 'a/small', '0 % of the monthly budget is left'],
])('route() goes by %s where nobody made rules', (_name, facts, model, why) => {
  expect(route(ROUTING, { ...FACTS, ...facts })).toEqual({ model, why })
})

it('route() takes the first rule all of whose conditions hold', () => {
  const rules: Routing['rules'] = [
    { use: 'strong', longerThan: 3, keywords: ['nothing like it'] },
    { use: 'strong', longerThan: 3, keywords: ['hello'] },
    { use: 'cheap' },
  ]
  expect(route({ ...ROUTING, rules }, FACTS)).toEqual({
    model: 'a/large',
    why: 'the prompt is longer than 3 characters and the prompt says "hello"',
  })
  expect(route({ ...ROUTING, rules }, { ...FACTS, prompt: 'x' })).toEqual({ model: 'a/small', why: 'the rules say so' })
})

it.each([undefined, {}, { cheap: 'a/small' }, { strong: 'a/large' }])('route() needs two models (%j)', (routing) => {
  expect(() => route(routing, FACTS)).toThrow('two models')
})
