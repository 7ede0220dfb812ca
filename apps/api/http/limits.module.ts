import { Global, Module } from '@nestjs/common';
import { Admission } from '#access';
import { RequestAdmission } from './admission.js';
import { RecipientLimit } from './recipient-limit.js';

/** Global, so that the guard of AccessModule and all controllers find the providers. */
@Global()
@Module({
  providers: [RequestAdmission, { provide: Admission, useExisting: RequestAdmission }, RecipientLimit],
  exports: [RequestAdmission, Admission, RecipientLimit],
})
export class LimitsModule {}
