// What the pictures of a request count for: each is measured once, whichever models it is counted for.

import { imageTokens, type PictureSize } from '../models/image-tokens.ts'
import type { ContentPart, ProviderMessage } from '../providers/provider.ts'

export type Picture = Extract<ContentPart, { readonly type: 'image' | 'image-url' }>

/** In tokens, of `provider/model`. */
export type CountPicture = (model: string, picture: Picture) => number

/** What measures is loaded with the first picture. */
export async function measurePictures(messages: readonly ProviderMessage[]): Promise<CountPicture> {
  const sizes = new Map<Picture, PictureSize | null>()
  const pictures = messages.flatMap(({ content }) => content.filter((part) => part.type === 'image'))
  if (pictures.length > 0) {
    const { readPictureSize } = await import('../models/picture-size.ts')
    for (const picture of pictures) sizes.set(picture, readPictureSize(picture.base64))
  }
  return (model, picture) => imageTokens(model, sizes.get(picture) ?? null, picture.detail)
}
