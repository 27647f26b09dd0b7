/** The service name of the spans that Throughline records itself. */
export const OWN_SERVICE = 'throughline'
