using System.Buffers;
using System.Globalization;
using System.Text;

namespace Unstale.Redis.Channel;

/// <summary>Payloads of the foreign channels, byte for byte.</summary>
public static class ForeignMessages
{
    /// <summary>Returns <c>{"product_id":4,"action":"update"}</c> for <see cref="ForeignChannels.ProductUpdates"/>.</summary>
    public static byte[] Product(long id, string action)
    {
        var text = Begin($"{{\"product_id\":{id.ToString(CultureInfo.InvariantCulture)},\"action\":");
        return End(text, action);
    }

    /// <summary>Returns <c>{"key":"product:production:7"}</c> for <see cref="ForeignChannels.ProductUpdates"/>.</summary>
    public static byte[] Key(string key) => End(Begin("{\"key\":"), key);

    /// <summary>Returns <c>{"event":"user.updated","user_id":7,"timestamp":1.5}</c> for <see cref="ForeignChannels.Events"/>.</summary>
    /// <param name="resource">Type of the changed entity, such as <c>user</c>.</param>
    /// <param name="id">Id of the entity.</param>
    /// <param name="operation">Kind of the change.</param>
    /// <param name="unixSeconds">Time of the change, in seconds since 1970.</param>
    public static byte[] Event(string resource, long id, ChangeOperation operation, double unixSeconds)
    {
        var happened = operation switch
        {
            ChangeOperation.Create => "created",
            ChangeOperation.Delete => "deleted",
            _ => "updated",
        };
        var text = Begin("{\"event\":");
        MessageWriter.Text(text, $"{resource}.{happened}");
        text.Write(","u8);
        MessageWriter.Text(text, resource + "_id");
        text.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $":{id},\"timestamp\":{unixSeconds:R}}}")));
        return text.WrittenSpan.ToArray();
    }

    private static ArrayBufferWriter<byte> Begin(string start)
    {
        var text = new ArrayBufferWriter<byte>(128);
        text.Write(Encoding.UTF8.GetBytes(start));
        return text;
    }

    private static byte[] End(ArrayBufferWriter<byte> text, string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(value);
        MessageWriter.Text(text, value);
        text.Write("}"u8);
        return text.WrittenSpan.ToArray();
    }
}
