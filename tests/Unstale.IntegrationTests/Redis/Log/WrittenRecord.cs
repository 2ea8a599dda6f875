using Unstale.Log;
using Unstale.Redis.Connection;
using Unstale.Redis.Log;

namespace Unstale.IntegrationTests.Redis.Log;

/// <summary>Record as passed to a script, and as read back from a push or a stream.</summary>
internal static class WrittenRecord
{
    /// <summary>Returns the script's arguments: the two numbers and the strings.</summary>
    public static byte[][] Arguments(InvalidationRecord record)
    {
        using var command = RedisCall.Create("X").Record(record);
        return [.. command.Values().ToArray().Select(static value => (byte[])value!)];
    }

    public static byte[][] Strings(InvalidationRecord record) => Arguments(record)[2..];

    public static byte[] Push(string head, params byte[][][] records)
    {
        using var push = new MemoryStream();
        push.Write(System.Text.Encoding.UTF8.GetBytes(head.Replace('|', '\u0001')).Select(b => b == 1 ? (byte)0xFF : b).ToArray());
        foreach (var strings in records)
        {
            push.WriteByte(0xFF);
            push.Write(System.Text.Encoding.UTF8.GetBytes($"{strings.Length}"));
            foreach (var text in strings)
            {
                push.WriteByte(0xFF);
                push.Write(text);
            }
        }

        return push.ToArray();
    }

    public static InvalidationRecord Read(byte[][] strings, out bool isWhole)
    {
        var reader = new RecordReader();
        for (var i = 0; i < strings.Length; i += 2)
            reader.Add(strings[i], strings[i + 1]);

        isWhole = reader.IsWhole;
        return reader.Record();
    }
}
