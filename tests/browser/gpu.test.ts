import { createHash, randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { referenceKernel } from '../../src/miner/kernel/reference.ts';
import type { SearchJob } from '../../src/miner/kernel/kernel.ts';
import type { MinerReport } from '../../src/miner/messages.ts';
import { BLOCK_VERSION, headerHash, sealHeader, type BlockHeader } from '../../src/protocol/block.ts';
import { expandBits } from '../../src/protocol/target.ts';
import { bigIntToBytes, bytesToBigInt, concatBytes, fromHex, toHex } from '../../src/util/bytes.ts';
import { Chromium } from './harness/chromium.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { TestServer } from './harness/server.ts';
import type { Tab } from './harness/tab.ts';
import { waitUntil } from './harness/wait.ts';

/** A GPU emulated by the processor: slow, but it runs the very shader through the very WebGPU. */
const SWIFTSHADER = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
/** The adapter's own name: proof of what has run. */
const KERNEL = 'webgpu (google swiftshader)';
/** One seal in 2^15 meets it: several batches, and half a second of noble. */
const TARGET = (1n << 241n) - 1n;
