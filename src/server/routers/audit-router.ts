import { z } from 'zod'
import { listAuditEntries } from '#db/store/audit-list.ts'
import { pageInput } from '#server/page-input.ts'
import { procedure, router } from '#server/procedure.ts'

export const auditRouter = router({
  list: procedure('audit:read')
    .input(z.object({ target: z.string().max(300).nullable().default(null), ...pageInput }))
    .query(({ ctx, input }) => listAuditEntries(ctx.runtime.database, input)),
})
