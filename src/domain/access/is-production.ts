/** True for `production`, `prod`, `prod-eu`, `live`; not for `preprod` or `non-prod`. */
export function isProduction(environment: string): boolean {
  return /^(prod|live)/.test(environment.toLowerCase())
}
