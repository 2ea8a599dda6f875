using System.Collections;
using System.Data.Common;
using Unstale.EntityFrameworkCore.Forms;

namespace Unstale.EntityFrameworkCore.AllQueries;

/// <summary>Reader over cached rows, for one execution.</summary>
internal sealed class CachedRowsReader(CachedRows rows) : DbDataReader
{
    private int _row = -1;
    private bool _isClosed;

    public override int Depth => 0;

    public override int FieldCount => rows.Names.Length;

    public override bool HasRows => rows.Count > 0;

    public override bool IsClosed => _isClosed;

    public override int RecordsAffected => -1;

    public override object this[int ordinal] => GetValue(ordinal);

    public override object this[string name] => GetValue(GetOrdinal(name));

    public override bool Read() => _row < rows.Count && ++_row < rows.Count;

    public override Task<bool> ReadAsync(CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? Task.FromCanceled<bool>(cancellationToken) : Task.FromResult(Read());

    public override bool NextResult() => false;

    public override void Close() => _isClosed = true;

    public override bool IsDBNull(int ordinal) => rows[_row, ordinal] is null;

    public override T GetFieldValue<T>(int ordinal) => ColumnReader.Copy((T)(rows[_row, ordinal] ?? throw new InvalidCastException($"Column {ordinal} is null.")));

    public override object GetValue(int ordinal) => rows[_row, ordinal] is { } value ? ColumnReader.Copy(value) : DBNull.Value;

    public override int GetValues(object[] values)
    {
        var count = Math.Min(values.Length, FieldCount);
        for (var at = 0; at < count; at++)
            values[at] = GetValue(at);
        return count;
    }

    public override string GetName(int ordinal) => rows.Names[ordinal];

    public override int GetOrdinal(string name) =>
        Array.IndexOf(rows.Names, name) is var at and >= 0 ? at : throw new ArgumentOutOfRangeException(nameof(name), name, "No column has this name.");

    public override Type GetFieldType(int ordinal) => _row >= 0 && _row < rows.Count ? rows[_row, ordinal]?.GetType() ?? typeof(object) : typeof(object);

    public override string GetDataTypeName(int ordinal) => GetFieldType(ordinal).Name;

    public override bool GetBoolean(int ordinal) => GetFieldValue<bool>(ordinal);

    public override byte GetByte(int ordinal) => GetFieldValue<byte>(ordinal);

    public override char GetChar(int ordinal) => GetFieldValue<char>(ordinal);

    public override DateTime GetDateTime(int ordinal) => GetFieldValue<DateTime>(ordinal);

    public override decimal GetDecimal(int ordinal) => GetFieldValue<decimal>(ordinal);

    public override double GetDouble(int ordinal) => GetFieldValue<double>(ordinal);

    public override float GetFloat(int ordinal) => GetFieldValue<float>(ordinal);

    public override Guid GetGuid(int ordinal) => GetFieldValue<Guid>(ordinal);

    public override short GetInt16(int ordinal) => GetFieldValue<short>(ordinal);

    public override int GetInt32(int ordinal) => GetFieldValue<int>(ordinal);

    public override long GetInt64(int ordinal) => GetFieldValue<long>(ordinal);

    public override string GetString(int ordinal) => GetFieldValue<string>(ordinal);

    public override long GetBytes(int ordinal, long dataOffset, byte[]? buffer, int bufferOffset, int length) => throw new NotSupportedException();

    public override long GetChars(int ordinal, long dataOffset, char[]? buffer, int bufferOffset, int length) => throw new NotSupportedException();

    public override IEnumerator GetEnumerator() => new DbEnumerator(this);
}
