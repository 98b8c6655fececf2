// Keeps the recording process small.
import { setFlagsFromString } from "node:v8";

/**
 * Keeps V8's young generation at its first size. Network buffers live outside the heap and are freed by its collections;
 * when the young generation grows, those come so rarely that 100 to 180 MB of dead buffers wait for one. Measured over
 * 512 MB downloads: peak memory 77 to 121 MB instead of 107 to 244, and no more CPU time per request.
 */
export function keepHeapSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}
