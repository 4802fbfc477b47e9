#!/usr/bin/env node
// kubectl asks the program of this name for completions of `kubectl ringfence`, in the form of cobra.
process.argv.splice(2, 0, '__complete', '--');
import('./ringfence.mjs');
