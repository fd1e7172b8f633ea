/** Images that are there already. Upstream: plugins/imagelocality. */
import type { NodeState } from '../node-state.ts';
import { SCORE_MAX, type Score } from './score.ts';

/** Below so many bytes of images, pulling them is no reason to prefer a node. */
const WORTH_BYTES_MIN = 23 * 1024 * 1024;
/** Bytes for each container above which more makes no difference. */
const WORTH_BYTES_MAX = 1000 * 1024 * 1024;

/** Prefers nodes that have the pod's images, large ones above all. */
export const imageLocality: Score = {
  weight: 1,
  marks: ({ pod }, nodes) => {
    if (nodes.every(({ node }) => !node?.status.images?.length)) return undefined;
    const { containers, initContainers = [] } = pod.spec;
    const wanted = [...containers, ...initContainers].map(({ image = '' }) => normalized(image));
    const most = WORTH_BYTES_MAX * wanted.length;
    return nodes.map((state) => {
      const bytes = wanted.reduce((sum, image) => sum + bytesOf(state, image), 0);
      const counted = Math.min(Math.max(bytes, WORTH_BYTES_MIN), most);
      return Math.floor((SCORE_MAX * (counted - WORTH_BYTES_MIN)) / (most - WORTH_BYTES_MIN));
    });
  },
};

function bytesOf({ node }: NodeState, image: string): number {
  return Number(node?.status.images?.find(({ names }) => names?.includes(image))?.sizeBytes ?? 0);
}

/** An image without a tag means its `latest`, and the list of a node's images names that. */
function normalized(image: string): string {
  return image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image;
}
