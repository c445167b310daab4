#!/usr/bin/env node
require('./launch.js')('daemon/natterd.js')
