using MessagePack;
using Unstale.MessagePack;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extension methods that serialize values with MessagePack.</summary>
public static class MessagePackUnstaleBuilderExtensions
{
    /// <summary>
    /// Serializes values with MessagePack if their type has a contract (<c>[MessagePackObject]</c>, <c>[Union]</c>, <c>[MessagePackFormatter]</c>), or is an array,
    /// a collection or a tuple of such types. All other types have the serializers that they had before. Applies to all caches of the service collection. The
    /// factory added last is tried first.
    /// </summary>
    /// <remarks>
    /// With a resolver that can write further types (<c>ContractlessStandardResolver</c>, formatters of the application), the types that only this resolver can
    /// write are serialized with MessagePack too. Change <see cref="Unstale.UnstaleOptions.ContentVersion"/> together with options that change the format.
    /// </remarks>
    /// <param name="builder">Builder of a cache.</param>
    /// <param name="options">
    /// Options of MessagePack, used unchanged. Default: the standard options with <c>MessagePackSecurity.UntrustedData</c>, because other programs may write to
    /// the server of the second level. With this setting, MessagePack refuses to read a set or dictionary whose keys are of a type of the application.
    /// </param>
    public static IUnstaleBuilder AddMessagePackSerializer(this IUnstaleBuilder builder, MessagePackSerializerOptions? options = null) =>
        builder.AddSerializerFactory(new MessagePackSerializerFactory(
            options ?? MessagePackSerializerOptions.Standard.WithSecurity(MessagePackSecurity.UntrustedData)));
}
