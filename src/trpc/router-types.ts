import type { inferRouterOutputs } from '@trpc/server'
import type { AppRouter } from '#server/app-router.ts'

/** `RouterOutputs['deadLetter']['groups']` and the like: what a component may take as its props. */
export type RouterOutputs = inferRouterOutputs<AppRouter>
