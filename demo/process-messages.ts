/** The two switches of the shop. They are held by the parent and reach every service at once. */
export interface Switches {
  /** Payments refuses orders whose currency it does not know. */
  readonly bug: boolean
  /** E-mail needs longer for a message than the next one takes to arrive. */
  readonly slow: boolean
}

export type CountName = 'made' | 'paid' | 'reserved' | 'shipped' | 'mailed' | 'deadLettered'
export type Counts = Readonly<Record<CountName, number>>

export interface SwitchesMessage {
  readonly kind: 'switches'
  /** Acknowledged by `applied`, so that whoever turned the switch knows when it is in force. */
  readonly revision: number
  readonly switches: Switches
}

export type ServiceReport =
  | { readonly kind: 'ready'; readonly port: number | null }
  | { readonly kind: 'applied'; readonly revision: number }
  | { readonly kind: 'counted'; readonly counts: Partial<Counts> }
