import { createPerson } from '#commands/person/create.ts'
import { disablePerson } from '#commands/person/disable.ts'
import { enablePerson } from '#commands/person/enable.ts'
import { endSessions } from '#commands/person/end-sessions.ts'
import { setPersonRole } from '#commands/person/set-role.ts'
import { listPeople } from '#db/store/person-store.ts'
import { procedure, router } from '#server/procedure.ts'
import { commandContext } from '#server/request-context.ts'

export const personRouter = router({
  list: procedure('person:manage').query(async ({ ctx }) => ({
    people: await listPeople(ctx.runtime.database),
    nowMs: ctx.runtime.nowMs(),
  })),

  create: procedure(createPerson.permission)
    .input(createPerson.input)
    .mutation(({ ctx, input }) => createPerson(commandContext(ctx), input)),

  setRole: procedure(setPersonRole.permission)
    .input(setPersonRole.input)
    .mutation(({ ctx, input }) => setPersonRole(commandContext(ctx), input)),

  disable: procedure(disablePerson.permission)
    .input(disablePerson.input)
    .mutation(({ ctx, input }) => disablePerson(commandContext(ctx), input)),

  enable: procedure(enablePerson.permission)
    .input(enablePerson.input)
    .mutation(({ ctx, input }) => enablePerson(commandContext(ctx), input)),

  endSessions: procedure(endSessions.permission)
    .input(endSessions.input)
    .mutation(({ ctx, input }) => endSessions(commandContext(ctx), input)),
})
