/**
 * The units at the grain of cycles. The machine takes them from whoever wants layers to be looked into and loads this
 * module for that: other runs do without.
 */
export { SteppedPeArray } from './steppedPeArray.ts';
export { SteppedSimdPipeline } from './steppedSimdPipeline.ts';
