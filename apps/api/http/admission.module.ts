import { Global, Module } from '@nestjs/common';
import { Admission } from '#access';
import { RequestAdmission } from './admission.js';

/** Global, so that the guard of AccessModule finds it. */
@Global()
@Module({
  providers: [RequestAdmission, { provide: Admission, useExisting: RequestAdmission }],
  exports: [RequestAdmission, Admission],
})
export class AdmissionModule {}
