import * as z from 'zod';
import { nurbsProblem } from './nurbs.ts';

/**
 * VDMA's Layout Interchange Format 1.0.0 (March 2024, clause 8.3), JSON. Closed: LIF knows no fields of one
 * manufacturer, so a key that it does not have is a mistake or another version.
 */

const Id = z.string().min(1).max(200);
const Text = z.string().max(2000);
const Metres = z.number();
const Angle = z.number().min(-Math.PI).max(Math.PI);

const Action = z.strictObject({
  actionType: Id,
  actionDescription: Text.optional(),
  requirementType: z.enum(['REQUIRED', 'CONDITIONAL', 'OPTIONAL']).optional(),
  blockingType: z.enum(['NONE', 'SOFT', 'HARD']),
  actionParameters: z.array(z.strictObject({ key: Id, value: Text })).optional(),
});

const VehicleTypeNodeProperty = z.strictObject({
  vehicleTypeId: Id,
  theta: Angle.optional(),
  actions: z.array(Action).optional(),
});

const LifNode = z.strictObject({
  nodeId: Id,
  nodeName: Text.optional(),
  nodeDescription: Text.optional(),
  mapId: Id.optional(),
  nodePosition: z.strictObject({ x: Metres, y: Metres }),
  vehicleTypeNodeProperties: z.array(VehicleTypeNodeProperty).min(1, 'name at least one type of vehicle'),
});
export type LifNode = z.infer<typeof LifNode>;

const Trajectory = z
  .strictObject({
    degree: z.int().min(1).max(9).optional(),
    knotVector: z.array(z.number().min(0).max(1)).min(2).max(1000),
    controlPoints: z
      .array(z.strictObject({ x: Metres, y: Metres, weight: z.number().positive().optional() }))
      .min(2)
      .max(1000),
  })
  .superRefine((curve, context) => {
    const problem = nurbsProblem(curve);
    if (problem !== null) context.addIssue({ code: 'custom', path: ['knotVector'], message: problem });
  });

const Rotation = z.enum(['NONE', 'CCW', 'CW', 'BOTH']);

const VehicleTypeEdgeProperty = z.strictObject({
  vehicleTypeId: Id,
  vehicleOrientation: z.number().optional(),
  orientationType: z.enum(['GLOBAL', 'TANGENTIAL']).optional(),
  rotationAllowed: z.boolean(),
  rotationAtStartNodeAllowed: Rotation.optional(),
  rotationAtEndNodeAllowed: Rotation.optional(),
  maxSpeed: z.number().positive().optional(),
  maxRotationSpeed: z.number().positive().optional(),
  minHeight: z.number().min(0).optional(),
  maxHeight: z.number().min(0).optional(),
  loadRestriction: z
    .strictObject({ unloaded: z.boolean(), loaded: z.boolean(), loadSetNames: z.array(Id).optional() })
    .optional(),
  actions: z.array(Action).optional(),
  trajectory: Trajectory.optional(),
  reentryAllowed: z.boolean().optional(),
});
export type VehicleTypeEdgeProperty = z.infer<typeof VehicleTypeEdgeProperty>;

const LifEdge = z.strictObject({
  edgeId: Id,
  edgeName: Text.optional(),
  edgeDescription: Text.optional(),
  startNodeId: Id,
  endNodeId: Id,
  vehicleTypeEdgeProperties: z.array(VehicleTypeEdgeProperty).min(1, 'name at least one type of vehicle'),
});
export type LifEdge = z.infer<typeof LifEdge>;

const LifStation = z.strictObject({
  stationId: Id,
  interactionNodeIds: z.array(Id).min(1, 'name at least one node'),
  stationName: Text.optional(),
  stationDescription: Text.optional(),
  stationHeight: z.number().min(0).optional(),
  stationPosition: z.strictObject({ x: Metres, y: Metres, theta: Angle.optional() }).optional(),
});
export type LifStation = z.infer<typeof LifStation>;

const LifLayout = z.strictObject({
  layoutId: Id,
  layoutName: Text.optional(),
  layoutVersion: Id,
  layoutLevelId: Id.optional(),
  layoutDescription: Text.optional(),
  nodes: z.array(LifNode).max(50_000),
  edges: z.array(LifEdge).max(200_000),
  stations: z.array(LifStation).max(50_000),
});
export type LifLayout = z.infer<typeof LifLayout>;

export const Lif = z.strictObject({
  metaInformation: z.strictObject({
    projectIdentification: Text,
    creator: Text,
    exportTimestamp: z.iso.datetime({ error: 'use ISO 8601 in UTC, such as 2026-04-15T11:40:03.12Z' }),
    lifVersion: z.string().regex(/^1\.0\.\d+$/, 'only LIF 1.0 is read here'),
  }),
  layouts: z.array(LifLayout).min(1).max(100),
});
export type Lif = z.infer<typeof Lif>;
