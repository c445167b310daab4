// The header that says which model answered, whatever a model may be called.

import type { FastifyReply } from 'fastify'

/** All but printable ASCII, which is what a header holds, and the sign that marks what stands for the rest. */
const UNSAFE = /[^!-$&-~]/gu

/** `provider/model`; of other names `decodeURIComponent` makes what it was. */
export function setModel(reply: FastifyReply, model: string): void {
  reply.header('x-natter-model', model.toWellFormed().replace(UNSAFE, encodeURIComponent))
}
