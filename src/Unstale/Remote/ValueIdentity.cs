using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Unstale.Values;

namespace Unstale.Remote;

/// <summary>
/// Number that identifies a type and the serialised form of the values. The number is the same in every process and does not change with the versions
/// of assemblies. A value is read only as the type, and by the serializer, identified by the number.
/// </summary>
/// <remarks>
/// The first 8 bytes of the SHA-256 of <c>name of the codec, line feed, name of the type</c>, little endian. The name of a type is
/// <c>namespace.outer+type`1[name of the argument;…], assembly</c>.
/// </remarks>
internal static class ValueIdentity
{
    /// <exception cref="NotSupportedException">The type is, or contains, an anonymous type, and the application has no reflection.</exception>
    public static long Compute(string codec, Type type)
    {
        var text = Append(new StringBuilder(codec).Append('\n'), type).ToString();
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        return BinaryPrimitives.ReadInt64LittleEndian(hash);
    }

    public static string NameOf(Type type) => Append(new StringBuilder(), type).ToString();

    private static StringBuilder Append(StringBuilder text, Type type)
    {
        if (type.IsArray)
            return Append(text, type.GetElementType()!).Append('[').Append(',', type.GetArrayRank() - 1).Append(type.IsVariableBoundArray && type.GetArrayRank() == 1 ? "*]" : "]");
        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        text.Append(definition.FullName);
        var separator = '[';
        foreach (var argument in type.GetGenericArguments())
        {
            Append(text.Append(separator), argument);
            separator = ';';
        }

        if (separator == ';')
            text.Append(']');

        // The compiler numbers anonymous types anew with each build; only their members distinguish them.
        if (type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false))
            text.Append('{').AppendJoin(';', WholeReflection.IsAvailable ? MembersOf(type) : throw Errors.TypeWithoutName(type)).Append('}');
        return text.Append(", ").Append(type.Assembly.GetName().Name);
    }

    [RequiresUnreferencedCode("Properties may be trimmed.")]
    private static IEnumerable<string> MembersOf(Type type) => type.GetProperties().Select(static property => property.Name);
}
