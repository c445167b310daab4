// Numbers and times as people read them.

import { expect, it } from 'vitest'
import { formatCost, formatDuration, formatRelativeTime, formatTokens } from '../../../src/render/plain.ts'

it('formatTokens() shortens large numbers', () => {
  expect([0, 950, 999, 1000, 1250, 20_000, 999_949, 999_950, 3_440_000].map(formatTokens)).toEqual([
    '0',
    '950',
    '999',
    '1k',
    '1.3k',
    '20k',
    '999.9k',
    '1M',
    '3.4M',
  ])
})

it('formatCost() tells an unknown price from none', () => {
  expect([null, 0, 12, 100, 4200, 15_000, 120_000, 1_250_000, 30_000_000].map(formatCost)).toEqual([
    'unknown',
    '$0',
    '<$0.0001',
    '$0.0001',
    '$0.0042',
    '$0.015',
    '$0.12',
    '$1.25',
    '$30.00',
  ])
})

it('formatDuration() uses the two largest units', () => {
  expect([0, 850, 4200, 9949, 9950, 59_400, 125_000, 3_780_000, 187_200_000].map(formatDuration)).toEqual([
    '0 ms',
    '850 ms',
    '4.2 s',
    '9.9 s',
    '10 s',
    '59 s',
    '2 min 5 s',
    '1 h 3 min',
    '2 d 4 h',
  ])
})

it('formatRelativeTime() goes from moments to dates', () => {
  const now = new Date(2026, 10, 22, 12).getTime()
  const ago = (ms: number) => formatRelativeTime(now - ms, now)
  expect([0, 30_000, 50_000, 300_000, 7_200_000, 259_200_000].map(ago)).toEqual([
    'just now',
    'just now',
    '1 min ago',
    '5 min ago',
    '2 h ago',
    '3 d ago',
  ])
  expect(ago(40 * 86_400_000)).toBe('2026-10-13')
  expect(formatRelativeTime(now + 120_000, now)).toBe('in 2 min')
})
