using System.Runtime.Serialization;
using ProtoBuf;

namespace Unstale.Tests.Serializers;

[ProtoContract]
public sealed class ProtoProduct : IProduct
{
    [ProtoMember(1)]
    public int Id { get; set; }

    [ProtoMember(2)]
    public string? Name { get; set; }

    [ProtoMember(3)]
    public decimal Price { get; set; }

    public string? Note { get; set; }
}

[ProtoContract]
public sealed class EarlierProtoProduct : IEarlierProduct
{
    [ProtoMember(1)]
    public int Id { get; set; }

    [ProtoMember(2)]
    public string? Name { get; set; }
}

[ProtoContract]
public record struct ProtoPoint([property: ProtoMember(1)] int X);

[ProtoContract]
[ProtoInclude(1, typeof(ProtoCard))]
[ProtoInclude(2, typeof(ProtoCash))]
public abstract class ProtoPayment;

[ProtoContract]
public sealed class ProtoCard : ProtoPayment, ICard
{
    [ProtoMember(1)]
    public string? Number { get; set; }
}

[ProtoContract]
public sealed class ProtoCash : ProtoPayment;

/// <summary>Contract with an error: the type of a member has no contract.</summary>
[ProtoContract]
public sealed class FaultyProto
{
    [ProtoMember(1)]
    public Plain? Other { get; set; }
}

/// <summary>Type of which protobuf-net writes nothing: its members have no numbers.</summary>
[DataContract]
public sealed class Unnumbered
{
    [DataMember]
    public int Id { get; set; }
}
