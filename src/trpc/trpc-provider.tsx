'use client'

import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createTRPCClient, httpBatchLink, TRPCClientError } from '@trpc/client'
import { useState, type ReactNode } from 'react'
import superjson from 'superjson'
import type { AppRouter } from '#server/app-router.ts'
import { TrpcContextProvider } from '#trpc/use-trpc.ts'

/** One query cache and one client per browser tab; a request while rendering on the server has its own. */
export function TrpcProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [queryClient] = useState(createQueryClient)
  const [client] = useState(() =>
    createTRPCClient<AppRouter>({
      links: [httpBatchLink({ url: '/api/trpc', transformer: superjson, maxItems: 10, maxURLLength: 4_000 })],
    }),
  )
  return (
    <QueryClientProvider client={queryClient}>
      <TrpcContextProvider trpcClient={client} queryClient={queryClient}>
        {children}
      </TrpcContextProvider>
    </QueryClientProvider>
  )
}

function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 2_000,
        // What the server decided (signed out, forbidden, not found, wrong input) stays so; only outages are tried again.
        retry: (failureCount, error) =>
          failureCount < 2 && (!(error instanceof TRPCClientError) || httpStatusOf(error) >= 500),
      },
    },
  })
}

function httpStatusOf(error: TRPCClientError<AppRouter>): number {
  return error.data?.httpStatus ?? 503
}
