// Registers itself as the worker's message handler.
import 'elkjs/lib/elk-worker.min.js'
