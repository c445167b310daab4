// What a vendor does not offer, said as a failure.

import { NatterError } from '../../src/protocol/errors.ts'
import type { Provider } from './provider.ts'

export const NO_EMBEDDINGS: Provider['embed'] = ({ model }) =>
  Promise.reject(
    new NatterError('invalid-request', `Cannot make embeddings with "${model}": its provider offers none`, {
      hint: 'Choose a model for embeddings, as openai/text-embedding-3-small',
    }),
  )

export const NO_IMAGES: Provider['drawImages'] = ({ model }) =>
  Promise.reject(
    new NatterError('invalid-request', `Cannot draw with "${model}": its provider draws no pictures`, {
      hint: 'Choose a model that draws, as openai/gpt-image-2',
    }),
  )
