import type { Database } from '#db/client.ts'
import { lockActiveAdmins } from '#db/store/person-store.ts'
import { Failure } from '#domain/failure.ts'

/** @throws Failure `conflict` when nobody but this person could manage people afterwards. */
export async function keepAnAdmin(database: Database, leavingId: string): Promise<void> {
  const admins = await lockActiveAdmins(database)
  if (admins.includes(leavingId) && admins.length === 1) {
    throw new Failure('conflict', 'this is the last admin: make another person one first')
  }
}
