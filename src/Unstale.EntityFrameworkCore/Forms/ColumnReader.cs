using System.Data.Common;
using System.Reflection;
using Microsoft.EntityFrameworkCore.Storage;

namespace Unstale.EntityFrameworkCore.Forms;

/// <summary>
/// Reads the values of a column by the call that the materialization of Entity Framework Core makes. A provider converts values in these calls, so a value
/// read by another call could not be returned for this one.
/// </summary>
internal abstract class ColumnReader
{
    /// <summary>Returns the reader of a column; null for values that are no immutable copies.</summary>
    public static ColumnReader? For(RelationalTypeMapping? mapping)
    {
        if (mapping?.GetDataReaderMethod() is not { } method || method.DeclaringType != typeof(DbDataReader) || !IsCopied(method.ReturnType))
            return null;
        var call = method.IsGenericMethod ? null : method.CreateDelegate(typeof(Func<,,>).MakeGenericType(typeof(DbDataReader), typeof(int), method.ReturnType));
        return (ColumnReader)Activator.CreateInstance(typeof(Typed<>).MakeGenericType(method.ReturnType), BindingFlags.Public | BindingFlags.Instance, binder: null, [call], culture: null)!;
    }

    /// <summary>Returns a value that no caller can change for others: arrays are copied.</summary>
    public static T Copy<T>(T value) => value is Array array ? (T)array.Clone() : value;

    public abstract object Read(DbDataReader reader, int ordinal);

    private static bool IsCopied(Type type) =>
        type == typeof(string) || type.IsValueType || (type is { IsArray: true } && type.GetElementType() is { } element && (element == typeof(string) || element.IsValueType));

    /// <param name="call">Call of the reader; null for <see cref="DbDataReader.GetFieldValue{T}"/>, of which there is no delegate.</param>
    private sealed class Typed<T>(Func<DbDataReader, int, T>? call) : ColumnReader
    {
        public override object Read(DbDataReader reader, int ordinal) => call is null ? reader.GetFieldValue<T>(ordinal)! : call(reader, ordinal)!;
    }
}
