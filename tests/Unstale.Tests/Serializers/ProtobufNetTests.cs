using Microsoft.Extensions.DependencyInjection;
using ProtoBuf.Meta;
using Xunit;

namespace Unstale.Tests.Serializers;

public sealed class ProtobufNetTests : SerializerContract<ProtoProduct, EarlierProtoProduct, ProtoPoint, ProtoPayment, ProtoCard, FaultyProto>
{
    protected override string Fault => "No serializer defined for type: Unstale.Tests.Serializers.Plain";

    [Fact]
    public void A_type_whose_members_have_no_numbers_is_left_to_others()
    {
        Assert.True(RuntimeTypeModel.Default.CanSerializeContractType(typeof(Unnumbered)));
        Assert.False(Includes(typeof(Unnumbered)));
        Assert.False(Includes(typeof(List<Unnumbered>)));
    }

    [Fact]
    public void Nested_lists_which_the_format_does_not_have_are_left_to_others() => Assert.False(Includes(typeof(List<List<ProtoProduct>>)));

    [Fact]
    public void A_type_in_the_given_model_needs_no_attribute()
    {
        var model = RuntimeTypeModel.Create();
        model.Add(typeof(Plain), applyDefaultBehaviour: false).Add(1, nameof(Plain.Id));
        Assert.Equal(7, Assert.Single(Copy(new List<Plain> { new() { Id = 7 } }, b => b.AddProtobufNetSerializer(model))).Id);
        Assert.False(Includes(typeof(Plain)));
    }

    protected override IUnstaleBuilder Add(IUnstaleBuilder builder) => builder.AddProtobufNetSerializer();
}
