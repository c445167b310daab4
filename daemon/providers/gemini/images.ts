// Pictures that Gemini draws: generateContent, asked for a picture instead of text.

import { NatterError } from '../../../src/protocol/errors.ts'
import type { Usage } from '../../../src/protocol/stream.ts'
import { type JsonObject, toList, toObject, toText } from '../json.ts'
import { toPicture } from '../pictures.ts'
import type { ImageAnswer, ImageRequest } from '../provider.ts'
import { isSafetyReason, toUsage } from './usage.ts'

/** https://ai.google.dev/gemini-api/docs/image-generation; quality, background and format cannot be chosen. */
export function toImageBody({ prompt, size }: ImageRequest): JsonObject {
  const config = size === null ? {} : toImageConfig(size)
  return {
    contents: [{ role: 'user', parts: [{ text: prompt }] }],
    generationConfig: {
      responseModalities: ['IMAGE'],
      ...(Object.keys(config).length === 0 ? {} : { imageConfig: config }),
    },
  }
}

const RATIOS = ['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9']

/** `1536x1024` as the nearest shape; sizes beyond the usual one are named, since older models know no other. */
function toImageConfig(size: string): JsonObject {
  const [, width = '', height = ''] = /^(\d+)x(\d+)$/.exec(size) ?? []
  const shape = Number(width) / Number(height)
  if (!Number.isFinite(shape) || shape <= 0) return {}
  const far = (ratio: string) => Math.abs(Math.log(shape / toShape(ratio)))
  const [aspectRatio] = RATIOS.toSorted((a, b) => far(a) - far(b))
  const longest = Math.max(Number(width), Number(height))
  return { aspectRatio, ...(longest > 3000 ? { imageSize: '4K' } : longest > 1792 ? { imageSize: '2K' } : {}) }
}

function toShape(ratio: string): number {
  const [width, height] = ratio.split(':')
  return Number(width) / Number(height)
}

/** Throws `content-filtered` where the vendor would not draw, `provider-failed` where it drew nothing. */
export function readImages(answer: JsonObject, model: string): ImageAnswer {
  const candidate = toObject(toList(answer['candidates'])[0])
  const parts = toList(toObject(candidate?.['content'])?.['parts']).map(toObject)
  const images = parts.flatMap((part) => {
    // Drafts that the model made while it thought.
    if (part?.['thought'] === true) return []
    const inline = toObject(part?.['inlineData'])
    const base64 = toText(inline?.['data'])
    return base64 === null || base64 === '' ? [] : [toPicture(base64, toText(inline?.['mimeType']))]
  })
  if (images.length === 0) throw toFailure(answer, candidate, model)
  return { images, usage: usageOf(answer) }
}

function toFailure(answer: JsonObject, candidate: JsonObject | null, model: string): NatterError {
  const blocked = toText(toObject(answer['promptFeedback'])?.['blockReason'])
  const reason = blocked ?? toText(candidate?.['finishReason']) ?? 'no reason given'
  if (blocked !== null || isSafetyReason(reason)) {
    return new NatterError(
      'content-filtered',
      `Cannot draw with "${model}": its content policy refused the request (${reason})`,
      { hint: 'Word the request differently' },
    )
  }
  return new NatterError('provider-failed', `Cannot draw with "${model}": it answered without a picture (${reason})`, {
    hint: 'Ask again, or choose a model that draws, as gemini/gemini-3-pro-image',
  })
}

function usageOf(answer: JsonObject): Usage | null {
  const metadata = toObject(answer['usageMetadata'])
  return metadata === null ? null : toUsage(metadata)
}
