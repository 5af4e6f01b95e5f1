import { TabchainError } from '../../util/errors.ts';
import type { SearchJob } from '../kernel/kernel.ts';
import { packJob } from './job.ts';
import { SLOTS, type GpuSearch, type PackedJob } from './search.ts';
import { createSealShader, FOUND_WORDS, gridOf, type SealShader } from './shader.ts';

/** Flags of the WebGPU standard. TypeScript's library declares the types, but not these constants. */
const Usage = { mapRead: 0x1, copySource: 0x4, copyDestination: 0x8, uniform: 0x40, storage: 0x80 } as const;
const MAP_READ = 0x1;
const COUNTER_BYTES = 4;
const FOUND_BYTES = COUNTER_BYTES + 4 * FOUND_WORDS;

/** On a machine with two GPUs, prefer the faster. */
const ADAPTER_OPTIONS: GPURequestAdapterOptions = { powerPreference: 'high-performance' };

/** Whether this browser offers a GPU; never rejects. On plain http `gpu` is missing; a machine without a GPU has no adapter. */
export async function hasAdapter(gpu: GPU | undefined): Promise<boolean> {
  try {
    return (await gpu?.requestAdapter(ADAPTER_OPTIONS)) != null;
  } catch {
    return false;
  }
}

/** A real GPU. */
export interface OpenGpu extends GpuSearch {
  /** Resolves when the GPU is gone or refuses work. Its later results must not be trusted. */
  readonly lost: Promise<TabchainError>;
}

/**
 * Opens the GPU and compiles the search.
 * @throws TabchainError `gpu-unavailable`, `gpu-lost`
 */
export async function openGpu(gpu: GPU | undefined): Promise<OpenGpu> {
  const adapter = await gpu?.requestAdapter(ADAPTER_OPTIONS);
  if (!adapter) throw new TabchainError('gpu-unavailable', 'This browser offers no GPU.');
  const model = [adapter.info.vendor, adapter.info.architecture].filter(Boolean).join(' ');
  try {
    return await DeviceSearch.create(await adapter.requestDevice(), model === '' ? 'webgpu' : `webgpu (${model})`);
  } catch (error) {
    throw lostError(error);
  }
}

function lostError(cause: unknown): TabchainError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TabchainError('gpu-lost', `The GPU has stopped: ${reason || 'the browser gives no reason'}`);
}

interface Slot {
  readonly uniforms: GPUBuffer;
  readonly found: GPUBuffer;
  readonly readback: GPUBuffer;
  readonly bindings: GPUBindGroup;
}

class DeviceSearch implements OpenGpu {
  readonly name: string;
  readonly lost: Promise<TabchainError>;
  readonly #device: GPUDevice;
  readonly #pipeline: GPUComputePipeline;
  readonly #slots: readonly Slot[];
  readonly #shader: SealShader;

  private constructor(device: GPUDevice, name: string, shader: SealShader, pipeline: GPUComputePipeline) {
    this.#device = device;
    this.name = name;
    this.lost = new Promise((resolve) => {
      void device.lost.then((info) => resolve(lostError(info.message)));
      device.addEventListener('uncapturederror', (event) => resolve(lostError(event.error.message)));
    });
    this.#shader = shader;
    this.#pipeline = pipeline;
    this.#slots = Array.from({ length: SLOTS }, () => this.#createSlot());
  }

  static async create(device: GPUDevice, name: string): Promise<DeviceSearch> {
    const shader = createSealShader();
    const module = device.createShaderModule({ code: shader.code });
    const compute = { module, entryPoint: 'search' };
    return new DeviceSearch(device, name, shader, await device.createComputePipelineAsync({ layout: 'auto', compute }));
  }

  #createSlot(): Slot {
    const buffer = (size: number, usage: number): GPUBuffer => this.#device.createBuffer({ size, usage });
    const uniforms = buffer(16 * this.#shader.uniformVectors, Usage.uniform | Usage.copyDestination);
    const found = buffer(FOUND_BYTES, Usage.storage | Usage.copySource | Usage.copyDestination);
    const entries = [uniforms, found].map((each, binding) => ({ binding, resource: { buffer: each } }));
    const bindings = this.#device.createBindGroup({ layout: this.#pipeline.getBindGroupLayout(0), entries });
    return { uniforms, found, readback: buffer(FOUND_BYTES, Usage.mapRead | Usage.copyDestination), bindings };
  }

  pack(job: SearchJob): PackedJob {
    return packJob(this.#shader, job);
  }

  async search(slot: number, job: PackedJob, firstWord: number, words: number): Promise<number[]> {
    const { uniforms, found, readback, bindings } = this.#slots[slot]!;
    const { queue } = this.#device;
    job[0] = firstWord;
    queue.writeBuffer(uniforms, 0, job);
    const encoder = this.#device.createCommandEncoder();
    encoder.clearBuffer(found, 0, COUNTER_BYTES);
    const pass = encoder.beginComputePass();
    pass.setPipeline(this.#pipeline);
    pass.setBindGroup(0, bindings);
    pass.dispatchWorkgroups(...gridOf(words));
    pass.end();
    encoder.copyBufferToBuffer(found, 0, readback, 0, FOUND_BYTES);
    queue.submit([encoder.finish()]);
    try {
      await readback.mapAsync(MAP_READ);
    } catch (error) {
      throw lostError(error);
    }
    const [count = 0, ...list] = new Uint32Array(readback.getMappedRange());
    readback.unmap();
    return list.slice(0, Math.min(count, FOUND_WORDS));
  }
}
