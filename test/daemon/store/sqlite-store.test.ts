// The store on SQLite: the contract, and what only this engine promises.

import { describeStore } from '../../contracts/store.ts'
import { openTemporaryStore } from '../../helpers/store.ts'

describeStore('SQLite', openTemporaryStore)
