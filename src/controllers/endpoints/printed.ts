/** Ports and subsets as Go's debug printer (spew) shows them: upstream puts them in the order of the hashes of these texts. Pure. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { EndpointAddress, EndpointPort, EndpointSubset } from '../../apis/core/types.ts';

/** A port as Go's debug printer shows it. */
export function portText(port: DeepReadonly<EndpointPort>): string {
  return `(v1.EndpointPort)${fieldsOfPort(port)}`;
}

/** A subset as Go's debug printer shows it; a list that is empty counts for none. */
export function subsetText({ addresses, notReadyAddresses, ports }: DeepReadonly<EndpointSubset>): string {
  const fields = [
    `Addresses:([]v1.EndpointAddress)${listText(addresses, fieldsOfAddress)}`,
    `NotReadyAddresses:([]v1.EndpointAddress)${listText(notReadyAddresses, fieldsOfAddress)}`,
    `Ports:([]v1.EndpointPort)${listText(ports, fieldsOfPort)}`,
  ];
  return `(v1.EndpointSubset){${fields.join(' ')}}`;
}

function listText<T>(list: readonly T[] | undefined, textOf: (item: T) => string): string {
  return list === undefined || list.length === 0 ? '<nil>' : `[${list.map(textOf).join(' ')}]`;
}

function fieldsOfPort({ name = '', port, protocol, appProtocol }: DeepReadonly<EndpointPort>): string {
  return `{Name:(string)${name} Port:(int32)${port} Protocol:(v1.Protocol)${protocol ?? ''} AppProtocol:(*string)${appProtocol ?? '<nil>'}}`;
}

function fieldsOfAddress({ ip, hostname = '', nodeName, targetRef }: DeepReadonly<EndpointAddress>): string {
  const target =
    targetRef === undefined
      ? '<nil>'
      : `{${[
          `Kind:(string)${targetRef.kind ?? ''}`,
          `Namespace:(string)${targetRef.namespace ?? ''}`,
          `Name:(string)${targetRef.name ?? ''}`,
          `UID:(types.UID)${targetRef.uid ?? ''}`,
          `APIVersion:(string)${targetRef.apiVersion ?? ''}`,
          `ResourceVersion:(string)${targetRef.resourceVersion ?? ''}`,
          `FieldPath:(string)${targetRef.fieldPath ?? ''}`,
        ].join(' ')}}`;
  return `{IP:(string)${ip} Hostname:(string)${hostname} NodeName:(*string)${nodeName ?? '<nil>'} TargetRef:(*v1.ObjectReference)${target}}`;
}
