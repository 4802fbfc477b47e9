#!/usr/bin/env node
// kubectl finds its plugins by the name of the file: `kubectl ringfence` runs this one. It has a name of its own
// because npm's commands on Windows start the real file, so the name of a link would be lost.
import './ringfence.mjs';
