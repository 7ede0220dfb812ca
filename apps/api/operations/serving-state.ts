import { Injectable } from '@nestjs/common';

/** Whether new work may come in. False from the first sign of a stop on, before anything is closed. */
@Injectable()
export class ServingState {
  draining = false;
}
