const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** pg-boss numbers jobs by UUID; anything else can be no job's id and must not reach a cast. */
export function isJobId(text: string): boolean {
  return UUID.test(text)
}
