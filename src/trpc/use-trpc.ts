'use client'

import { createTRPCContext } from '@trpc/tanstack-react-query'
import type { AppRouter } from '#server/app-router.ts'

const context = createTRPCContext<AppRouter>()

export const TrpcContextProvider = context.TRPCProvider
/** `const trpc = useTRPC(); useQuery(trpc.flow.list.queryOptions({...}))`. */
export const useTRPC = context.useTRPC
/** The bare client, for a question that a query function puts by itself. */
export const useTRPCClient = context.useTRPCClient
