#!/usr/bin/env node
require('./launch.js')('client/natter.js')
