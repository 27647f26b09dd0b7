import { startCheckout } from './start-checkout.ts'
import { runService } from '../run-service.ts'

await runService('checkout', startCheckout)
