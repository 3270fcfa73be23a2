/** The plane of latent space in which samples were decoded: where rows lie on it. */

import { decodeFloat32 } from "./decode.ts";
import type { DecodedPlane } from "./document.ts";
import { latentName } from "./format.ts";

/** Whether the directions of the plane are coordinates of the code themselves. */
export function isCoordinates(plane: DecodedPlane): boolean {
  return plane.coordinates.length === 0;
}

/** The place of each row along each direction, under the direction's name; none where the latents say it. */
export function coordinates(plane: DecodedPlane): { name: string; values: Float32Array }[] {
  return plane.coordinates.map((text, index) => ({ name: latentName(plane.names[index] ?? ""), values: decodeFloat32(text) }));
}
