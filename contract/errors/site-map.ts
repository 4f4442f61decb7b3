import type { ErrorEntry } from './entry.ts';

/** Site maps: their files, and planning on them (docs/site-map.md). */
export const SITE_MAP_ERRORS = {
  // 38xx the broker's map
  WP3801: {
    message: 'The site has no map.',
    hint: 'Put one into the folder `maps` of the site’s data, or name it in the configuration (docs/site-map.md).',
    retryable: false,
  },
  WP3802: {
    message: 'The map has no such floor.',
    hint: 'GET maps lists the floors.',
    retryable: false,
  },
  WP3803: {
    message: 'The map in its folder is broken; the site goes on with the one before.',
    hint: 'scripts/watchpost map lint FOLDER says what is wrong; a corrected map is taken by itself.',
    retryable: false,
  },
  // 48xx its contents
  WP4801: {
    message: 'A file of the map cannot be read.',
    hint: 'A map is one folder with site-map.yaml, the plans, their pictures and the graph in it.',
    retryable: false,
  },
  WP4802: {
    message: 'A file of the map is not YAML or JSON.',
    hint: 'Correct it at the line or place named.',
    retryable: false,
  },
  WP4803: {
    message: 'site-map.yaml does not fit.',
    hint: 'docs/site-map.md says what it holds.',
    retryable: false,
  },
  WP4804: {
    message: 'The YAML of a floor plan does not fit.',
    hint: 'It has image, resolution, origin, negate, occupied_thresh and free_thresh, as map_server writes them.',
    retryable: false,
  },
  WP4805: {
    message: 'The picture of a floor plan cannot be read.',
    hint: 'Use PNG, or PGM as map_saver writes it, of at most 8192 cells a side.',
    retryable: false,
  },
  WP4806: {
    message: 'The graph is not LIF 1.0.',
    hint: 'Export it as VDMA LIF 1.0.0; fields of one manufacturer do not belong into it.',
    retryable: false,
  },
  WP4808: {
    message: 'The graph contradicts itself.',
    hint: 'Ids are unique, and what names an id has it.',
    retryable: false,
  },
  WP4809: {
    message: 'A node is where no robot can be.',
    hint: 'Nodes are on free cells of a floor of the site.',
    retryable: false,
  },
  WP4810: {
    message: 'An edge leads where the plan has no way.',
    hint: 'Lead it round the wall, or correct the plan.',
    retryable: false,
  },
  WP4811: {
    message: 'A node is where the plan does not know what is.',
    hint: 'Move it, or let a robot map that place.',
    retryable: false,
  },
  WP4812: {
    message: 'The graph leads into a no-go zone.',
    hint: 'What is in one is never planned.',
    retryable: false,
  },
  WP4813: {
    message: 'Part of the graph cannot be reached, or not be left.',
    hint: 'Add the edges that lead there and back.',
    retryable: false,
  },
  WP4814: {
    message: 'The graph says what planning does not weigh.',
    hint: 'It is kept and served, but no route follows from it.',
    retryable: false,
  },
  WP4815: {
    message: 'A zone is not right.',
    hint: 'Name its corners in order, in metres on its floor.',
    retryable: false,
  },
  WP4816: {
    message: 'A zone has no effect.',
    hint: 'Correct it, or leave it out.',
    retryable: false,
  },
  WP4820: {
    message: 'The map has no such place.',
    hint: 'Name a node or a station by its id; scripts/watchpost map show lists them.',
    retryable: false,
  },
  WP4821: {
    message: 'No way leads there.',
    hint: 'Every way is blocked, through a no-go zone, or not for this type of vehicle.',
    retryable: false,
  },
  WP4822: {
    message: 'The graph does not know this type of vehicle.',
    hint: 'scripts/watchpost map show lists the types.',
    retryable: false,
  },
} as const satisfies Record<string, ErrorEntry>;
