import { migrateDatabase } from './prepare-database.ts'

/** Brings the schema of DATABASE_URL up to date and makes the first account: the job that runs before web and collector. */
const url = process.env['DATABASE_URL']
if (url === undefined) throw new Error('DATABASE_URL is not set')
const { applied, owner } = await migrateDatabase(url)
console.log(applied === 0 ? 'the schema is up to date' : `${applied} migrations applied`)
if (owner?.oneTimePassword)
  console.log(`sign in as ${owner.login} with ${owner.oneTimePassword} and choose your own then`)
