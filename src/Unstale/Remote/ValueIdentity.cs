using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

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
            text.Append('{').AppendJoin(';', type.GetProperties().Select(static p => p.Name)).Append('}');
        return text.Append(", ").Append(type.Assembly.GetName().Name);
    }
}
