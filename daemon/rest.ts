// Gives memory back when the work is done: V8 keeps what a crowd of answers took for the next one, which may never come.

/** Such a collection stops everything for a third of a second, so it has to be worth it, in bytes. */
const WORTH = 40 * 1024 * 1024

export interface RestOptions {
  readonly rss?: () => number
  readonly collect?: () => void
}

export interface Rest {
  /** Called now and then; collects the second time in a row that nothing is going on. */
  check(isBusy: boolean): void
}

export function createRest({ rss = process.memoryUsage.rss, collect = createCollect() }: RestOptions = {}): Rest {
  let wasIdle = false
  let restedAt = rss()
  return {
    check(isBusy) {
      const isStillIdle = wasIdle && !isBusy
      wasIdle = !isBusy
      if (!isStillIdle || rss() < restedAt + WORTH) return
      collect()
      restedAt = rss()
    },
  }
}

type Collect = (options: { readonly type: 'major'; readonly flavor: 'last-resort' }) => void

/**
 * Node has a way to collect only behind a flag, which may be set at any time. As a last resort, or V8 would keep the room
 * of what it freed.
 */
function createCollect(): () => void {
  let collect: Collect | null = null
  return () => {
    if (collect === null) {
      // Not imported: a daemon that starts has no use for either.
      process.getBuiltinModule('node:v8').setFlagsFromString('--expose-gc')
      collect = process.getBuiltinModule('node:vm').runInNewContext('gc') as Collect
    }
    collect({ type: 'major', flavor: 'last-resort' })
  }
}
