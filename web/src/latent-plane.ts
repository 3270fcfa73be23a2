/** The plane of latent space in which samples were decoded: where rows lie on it. */

import type { DecodedPlane } from "./document.ts";
import { latentName } from "./format.ts";

/** Whether the directions of the plane are coordinates of the code themselves. */
export function isCoordinates(plane: DecodedPlane): boolean {
  return plane.names.every((name) => /^z\d+$/.test(name));
}

/** The place of each row along each direction, under the direction's name. */
export function coordinates(plane: DecodedPlane, latents: Float32Array[]): { name: string; values: Float32Array }[] {
  const rows = latents[0]?.length ?? 0;
  return plane.directions.map((direction, index) => {
    const values = new Float32Array(rows);
    latents.forEach((latent, at) => {
      const part = direction[at] ?? 0;
      const centre = plane.centre[at] ?? 0;
      if (part !== 0) for (let row = 0; row < rows; row++) values[row]! += part * (latent[row]! - centre);
    });
    return { name: latentName(plane.names[index] ?? ""), values };
  });
}
