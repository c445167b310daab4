// All turns of the daemon: started once, run one after the other within a conversation, stopped on request.

import { NatterError } from '../../src/protocol/errors.ts'
import { type ConversationId, createId, type DeviceId, type MessageId, type TurnId } from '../../src/protocol/ids.ts'
import type { Turn } from '../../src/protocol/schema/entities.ts'
import type { RequestOf, ResponseOf } from '../../src/protocol/schema/operations.ts'
import { lastGood } from '../last-good.ts'
import { createRecent } from '../recent.ts'
import { chooseTarget } from './choose-target.ts'
import { announce, conversationOf, saveStart } from './opening.ts'
import { type Caller, OWNER, toPlan } from './plan.ts'
import { createSerialQueue } from './queue.ts'
import { checkStored, createQuestions } from './repeated-start.ts'
import type { Rooms } from './rooms.ts'
import { runTurn } from './run-turn.ts'
import { type RunningTurn, type StopReason, type TurnPlan, toRunningTurn } from './running-turn.ts'
import { startTimer } from './turn-timer.ts'
import { isNamed, toTurn } from './turn-view.ts'
import { toWhy, type Why } from './unkept.ts'
import { tellWait } from './wait.ts'

type StartRequest = RequestOf<'turns.start'>
type Started = ResponseOf<'turns.start'>

export interface Turns {
  /** How many run, wait, or are just being started. */
  readonly active: number
  /** A repeated start, at the same moment or later, answers with the turn that is there. */
  start(request: StartRequest, caller?: Caller): Promise<Started>
  /** What runs or waits, oldest first. */
  list(): readonly Turn[]
  get(turnId: TurnId): Turn | null
  /** Of an ended turn that is kept nowhere but here: its whole id, or the end of it; null where none is known. */
  why(reference: string): Why | null
  /** False where it has ended already or is not known. Resolves once it has ended. */
  cancel(turnId: TurnId): Promise<boolean>
  /** The readers of these conversations have left: turns that belong to their connection end. */
  readersGone(conversations: readonly ConversationId[]): void
  /** That device may ask no more: what it began ends, what it has said is kept. */
  deviceGone(deviceId: DeviceId): Promise<void>
  /** Refuses new turns, waits for the running ones up to `patienceMs`, then stops them; resolves when all are saved. */
  drain(patienceMs: number): Promise<void>
}

/** Turns that are in no list any more, and of which something may be said again. */
const REMEMBERED = 1_000

interface Entry {
  readonly turn: RunningTurn
  readonly started: Started
  readonly ended: Promise<void>
}

export interface TurnsOptions {
  /** Whether that device may still ask; absent: all may. */
  readonly isKnownDevice?: (deviceId: DeviceId) => boolean
}

export function createTurns(rooms: Rooms, { isKnownDevice = () => true }: TurnsOptions = {}): Turns {
  // A start is refused where the settings are broken; what was started by then goes on.
  const inside: Rooms = { ...rooms, settings: lastGood(rooms.settings) }
  const running = new Map<TurnId, Entry>()
  const starting = new Map<TurnId, Promise<Started>>()
  // Starting reads the leaf and moves it; two starts of one conversation must not read the same.
  const starts = createSerialQueue<ConversationId>()
  const runs = createSerialQueue<ConversationId>()
  // The store does not know those, and their start may be repeated too.
  const ended = createRecent<TurnId, { readonly started: Started; readonly why: Why }>(REMEMBERED)
  const givenUp = createRecent<TurnId, true>(REMEMBERED)
  const questions = createQuestions(REMEMBERED)
  let draining = false

  return {
    get active() {
      return running.size + starting.size
    },
    start,
    list: () => [...running.values()].map((entry) => toTurn(entry.turn, rooms)),
    get(turnId) {
      const entry = running.get(turnId)
      return entry === undefined ? null : toTurn(entry.turn, rooms)
    },
    why: (reference) => ended.values().findLast(({ why }) => isNamed(why.turn, reference))?.why ?? null,
    cancel,
    readersGone,
    deviceGone,
    drain,
  }

  async function start(request: StartRequest, caller = OWNER): Promise<Started> {
    questions.check(request)
    const known = running.get(request.turnId)?.started ?? ended.get(request.turnId)?.started
    if (known !== undefined) return known
    const underWay = starting.get(request.turnId)
    if (underWay !== undefined) return underWay.finally(() => questions.check(request))
    const conversationId = request.conversationId ?? createId('cnv')
    const result = starts.run(conversationId, () => startNow(request, conversationId, caller))
    starting.set(request.turnId, result)
    const forget = () => starting.delete(request.turnId)
    result.then(forget, forget)
    return result
  }

  async function startNow(request: StartRequest, conversationId: ConversationId, caller: Caller): Promise<Started> {
    if (draining) {
      throw new NatterError('daemon-unreachable', 'Cannot start turn: natterd is stopping', {
        hint: 'Try again in a moment',
      })
    }
    const isLate = request.startBefore !== undefined && rooms.now() > request.startBefore
    if (isLate || givenUp.get(request.turnId) !== undefined) {
      throw new NatterError('timeout', 'Cannot start turn: whoever asked waits for it no more', { hint: 'Ask again' })
    }
    const conversation = await conversationOf(rooms, request)
    const target = await chooseTarget(rooms, request, conversation)
    const parentId = (
      request.parentId === undefined ? (conversation?.leafId ?? null) : request.parentId
    ) as MessageId | null
    const plan = toPlan(request, {
      ...{ conversationId, conversation, parentId, target, caller },
      ...{ now: rooms.now(), settings: inside.settings() },
    })
    // In the same breath as its start begins to be saved: revoked later, it is found among those that are under way.
    if (plan.deviceId !== null && !isKnownDevice(plan.deviceId)) throw revoked()
    const earlier = plan.log ? await saveStart(rooms, request, plan) : null
    if (earlier !== null) {
      await checkStored(rooms.store, earlier, request)
      return { ...pickIds(earlier), model: earlier.model, notice: null }
    }
    questions.add(request)
    await announce(rooms, plan)
    const started = { ...pickIds(plan), model: target.model, notice: target.notice }
    launch(plan, started)
    return started
  }

  function launch(plan: TurnPlan, started: Started): void {
    const turn = toRunningTurn(plan)
    const position = runs.depth(plan.conversationId)
    if (position > 0) tellWait(rooms, turn, { reason: 'conversation', position, until: null })
    const timer = startTimer(turn)
    const run = async () => {
      if (turn.wait !== null) turn.waitedMs += rooms.now() - plan.startedAt
      turn.wait = null
      const ending = await runTurn(inside, turn)
      clearTimeout(timer)
      if (!plan.log) ended.add(plan.turnId, { started, why: toWhy(turn, ending, rooms.now()) })
      // Before readers hear of it: whoever asks next shall not find it running.
      running.delete(plan.turnId)
      await rooms.hub.publish(ending)
    }
    const end = runs.run(plan.conversationId, run, turn.abort.signal).catch((error: unknown) => {
      // A hub that is closed has no readers.
      rooms.log.warn({ turnId: plan.turnId, err: error }, 'end of turn not told')
    })
    running.set(plan.turnId, { turn, started, ended: end })
  }

  async function cancel(turnId: TurnId): Promise<boolean> {
    // Whoever starts and gives up at once may be heard in any order.
    givenUp.add(turnId, true)
    await starting.get(turnId)?.catch(() => {})
    const entry = running.get(turnId)
    if (entry === undefined) return false
    stop(entry, { type: 'cancelled' })
    await entry.ended
    return true
  }

  function readersGone(conversations: readonly ConversationId[]): void {
    for (const entry of running.values()) {
      if (!entry.turn.plan.log && conversations.includes(entry.turn.plan.conversationId)) {
        stop(entry, { type: 'cancelled' })
      }
    }
  }

  async function deviceGone(deviceId: DeviceId): Promise<void> {
    const stopAll = () => {
      for (const entry of running.values()) {
        if (entry.turn.plan.deviceId === deviceId) stop(entry, { type: 'cancelled' })
      }
    }
    stopAll()
    await Promise.allSettled(starting.values())
    stopAll()
  }

  async function drain(patienceMs: number): Promise<void> {
    draining = true
    // What was let in before is let go on.
    await Promise.allSettled(starting.values())
    const all = () => Promise.allSettled([...running.values()].map((entry) => entry.ended))
    let timer: NodeJS.Timeout | undefined
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patienceMs)
    })
    await Promise.race([all(), patience])
    clearTimeout(timer)
    for (const entry of running.values()) stop(entry, { type: 'shutdown' })
    await all()
  }
}

function stop(entry: Entry, reason: StopReason): void {
  entry.turn.abort.abort(reason)
}

function revoked(): NatterError {
  return new NatterError('permission-denied', 'Cannot start turn: the device that asks was revoked', {
    hint: 'Get a new token where natter runs, with "natter serve"',
  })
}

function pickIds(
  turn: Pick<Turn, 'turnId' | 'conversationId' | 'userMessageId' | 'messageId'>,
): Omit<Started, 'model' | 'notice'> {
  const { turnId, conversationId, userMessageId, messageId } = turn
  return { turnId, conversationId, userMessageId, messageId }
}
