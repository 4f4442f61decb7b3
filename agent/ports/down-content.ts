/** One piece of content that the site sends, `piece` counting from 0. */
export interface DownPiece {
  readonly blobId: string;
  readonly piece: number;
  readonly bytes: Buffer;
}
