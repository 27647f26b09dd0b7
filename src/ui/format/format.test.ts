import { describe, expect, test } from 'vitest'
import { formatDuration, formatDurationUs } from '#ui/format/duration.ts'
import { formatDistance, formatMoment } from '#ui/format/moment.ts'
import { formatBytes, formatCount, formatPlural, formatRate, formatShare, formatShortCount } from '#ui/format/number.ts'

const plain = (text: string): string => text.replaceAll('\u00a0', ' ')

describe('a duration', () => {
  test.each([
    [0, '0 s'],
    [0.0004, '1 µs'],
    [0.25, '250 µs'],
    [0.9999, '1 ms'],
    [4.21, '4.2 ms'],
    [9.97, '10 ms'],
    [40, '40 ms'],
    [999.6, '1 s'],
    [3400, '3.4 s'],
    [9960, '10 s'],
    [59_990, '1 m'],
    [848_000, '14 m 08 s'],
    [3_599_900, '1 h'],
    [33_120_000, '9 h 12 m'],
    [86_390_000, '1 d'],
    [6 * 86_400_000 + 23 * 3_600_000, '6 d 23 h'],
    [5 * 86_400_000 + 4 * 3_600_000, '5 d 4 h'],
    [-2500, '−2.5 s'],
  ])('of %d ms reads %s', (durationMs, expected) => {
    expect(plain(formatDuration(durationMs))).toBe(expected)
  })

  test('that is unknown or endless is a dash, never a zero', () => {
    expect(formatDuration(null)).toBe('—')
    expect(formatDuration(Number.POSITIVE_INFINITY)).toBe('—')
    expect(formatDurationUs(null)).toBe('—')
  })
})

describe('a figure', () => {
  test('that is unknown is a dash, never a zero', () => {
    expect(formatCount(null)).toBe('—')
    expect(formatCount(0)).toBe('0')
    expect(formatCount(18_931)).toBe('18,931')
  })

  test('shortens without crossing its unit', () => {
    expect(plain(formatShortCount(940))).toBe('940')
    expect(plain(formatShortCount(18_931))).toBe('18.9 k')
    expect(plain(formatShortCount(999_960))).toBe('1 M')
    expect(plain(formatBytes(1_100))).toBe('1.1 kB')
  })

  test('that is nearly all is not rounded to all, and nearly nothing not to nothing', () => {
    expect(plain(formatShare(0.99999))).toBe('>99.99 %')
    expect(plain(formatShare(1))).toBe('100 %')
    expect(plain(formatShare(0.00001))).toBe('<0.01 %')
    expect(plain(formatShare(0.9962))).toBe('99.62 %')
    expect(plain(formatShare(0.71))).toBe('71 %')
  })

  test('per second keeps the precision that matters', () => {
    expect(formatRate(0.001)).toBe('<0.01/s')
    expect(formatRate(0.25)).toBe('0.25/s')
    expect(formatRate(22.41)).toBe('22.4/s')
    expect(formatRate(812.3)).toBe('812/s')
  })

  test('agrees with its noun', () => {
    expect(plain(formatPlural(1, 'message'))).toBe('1 message')
    expect(plain(formatPlural(1204, 'message'))).toBe('1,204 messages')
    expect(plain(formatPlural(2, 'reply', 'replies'))).toBe('2 replies')
  })
})

describe('a moment', () => {
  const nowMs = new Date(2026, 10, 21, 12, 14, 2).getTime()

  test('of today is a time of day, of another day has the day too', () => {
    expect(formatMoment(nowMs - 1000, nowMs)).toBe('12:14:01')
    expect(formatMoment(new Date(2026, 10, 2, 9, 0, 0).getTime(), nowMs)).toBe('2 Nov 09:00:00')
    expect(formatMoment(new Date(2025, 10, 2, 9, 0, 0).getTime(), nowMs)).toBe('2 Nov 2025 09:00:00')
  })

  test('has a distance in words on either side of now', () => {
    expect(plain(formatDistance(nowMs - 848_000, nowMs))).toBe('14 m 08 s ago')
    expect(plain(formatDistance(nowMs + 1_320_000, nowMs))).toBe('in 22 m')
    expect(formatDistance(nowMs - 300, nowMs)).toBe('just now')
  })
})
