/** The live page of one operation. */
export const operationPath = (id: string): string => `/operations/${id}`
